"""Whether an instance is a demo: a test region into which newcomers come without a second factor (ADR 10)."""

from src.platform.db.unit import Unit

_IS_DEMO = "select is_test and second_factor_optional from platform_state"


async def is_demo(unit: Unit) -> bool:
    """What `qorgan demo` has marked, and nobody else can."""
    connection = await unit.session.connection()
    return bool((await connection.exec_driver_sql(_IS_DEMO)).scalar_one())
