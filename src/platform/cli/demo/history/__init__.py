"""Half a year of a region's life, told with the test clock: who acts is signed in, every act is a verb of the pages."""
