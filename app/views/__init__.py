"""From a run to what is shown: view-models for the pages, JSON for programs, state in addresses."""
