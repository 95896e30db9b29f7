route_handlers: list[object] = []
