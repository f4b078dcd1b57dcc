"""The extension for Visual Studio Code."""
