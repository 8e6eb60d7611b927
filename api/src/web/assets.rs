//! The style sheet and the icon.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::routes::stored::CACHE_AND_ASK;

const STYLE: &str = include_str!("../../web/style.css");
const ICON: &str = include_str!("../../web/icon.svg");

/// The one style sheet.
pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

/// The icon.
pub(crate) async fn icon() -> Response {
    asset("image/svg+xml", ICON)
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    (
        [(CONTENT_TYPE, media_type), (CACHE_CONTROL, CACHE_AND_ASK)],
        text,
    )
        .into_response()
}
