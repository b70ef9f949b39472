"""What is looked after: the settings of the workspace and the installation, status, storage."""
