//! Speaking with the node, one call at a time, until the user has enough.

use std::future::Future;

use piao_api::client::{Client, ClientError};
use piao_api::limits::API_KEY_BYTES_MAX;
use tokio::runtime::{Builder, Runtime};

use crate::cli::Globals;
use crate::disk;
use crate::error::CommandError;
use crate::language::Language;

/// A node and what is needed to wait for it.
#[derive(Debug)]
pub(crate) struct Node {
    /// The typed client.
    pub(crate) client: Client,
    runtime: Runtime,
}

impl Node {
    /// Prepares to speak with the node the command line names. Nothing is sent yet.
    ///
    /// # Errors
    /// [`CommandError::ApiKey`], [`ClientError::Unusable`], [`CommandError::System`].
    pub(crate) fn open(globals: &Globals) -> Result<Self, CommandError> {
        let api_key = globals.api_key_file.as_deref().map(|path| {
            let bytes = disk::read_bounded(path, API_KEY_BYTES_MAX);
            let text = bytes.and_then(|bytes| {
                String::from_utf8(bytes).map_err(|utf8| std::io::Error::other(utf8.utf8_error()))
            });
            text.map_err(|source| CommandError::ApiKey {
                path: path.to_owned(),
                source,
            })
        });
        let language = globals.lang.unwrap_or_else(Language::of_environment);
        let language = Some(language.pick("en", "zh"));
        let client = Client::in_language(&globals.node, api_key.transpose()?, language)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| CommandError::System(error.to_string()))?;
        Ok(Self { client, runtime })
    }

    /// Makes a call; Ctrl-C ends the waiting, not what the node does.
    ///
    /// # Errors
    /// [`CommandError::Node`], [`CommandError::Interrupted`].
    pub(crate) fn wait<T>(
        &self,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, CommandError> {
        self.runtime.block_on(async {
            tokio::select! {
                reply = call => reply.map_err(CommandError::from),
                _signal = tokio::signal::ctrl_c() => Err(CommandError::Interrupted),
            }
        })
    }
}
