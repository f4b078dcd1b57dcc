//! Starts `netpolc lsp` for intents, with the program and the settings that the user chose.

use zed_extension_api::{
    self as zed, serde_json::Value, settings::LspSettings, Command, LanguageServerId, Result,
    Worktree,
};

struct Netpolc;

impl zed::Extension for Netpolc {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let chosen = LspSettings::for_worktree(server.as_ref(), worktree)?.binary;
        let (path, arguments, environment) = match chosen {
            Some(chosen) => (chosen.path, chosen.arguments, chosen.env),
            None => (None, None, None),
        };
        let command = path
            .or_else(|| worktree.which("netpolc"))
            .ok_or("netpolc is not on PATH: install it with `pip install 'netpolc[lsp]'`")?;
        let mut env = worktree.shell_env();
        env.extend(environment.unwrap_or_default());
        Ok(Command {
            command,
            args: arguments.unwrap_or_else(|| vec!["lsp".to_owned()]),
            env,
        })
    }

    fn language_server_initialization_options(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.settings)
    }
}

zed::register_extension!(Netpolc);
