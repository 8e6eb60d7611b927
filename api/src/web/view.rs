//! How a page is asked for: its language, and whether links must carry it on.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::language::Language;
use crate::problem::{ApiError, language_of};

/// The language of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) language: Language,
    /// Whether `lang=` was given, so that links must repeat it.
    carried: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for View {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            language: language_of(&parts.uri, &parts.headers),
            carried: query.split('&').any(|pair| pair.starts_with("lang=")),
        })
    }
}

impl View {
    /// A view in the caller's usual language.
    pub(crate) const fn plain(language: Language) -> Self {
        Self {
            language,
            carried: false,
        }
    }

    /// The text of this view.
    pub(crate) const fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        self.language.pick(zh, en)
    }

    /// A link to another page of this node, in the same language.
    pub(crate) fn href(self, path: &str) -> String {
        if !self.carried {
            return path.to_owned();
        }
        let join = if path.contains('?') { '&' } else { '?' };
        format!("{path}{join}lang={}", self.language.tag())
    }

    /// What a form must send along to keep the language.
    pub(crate) fn hidden_language(self) -> Option<&'static str> {
        self.carried.then(|| self.language.tag())
    }
}
