//! Handing out a file: strong `ETag`, `304`, `Range`, and how long a cache may keep it.
//!
//! Source: RFC 9110 §13–§14. One range is served; several, or one that makes no sense, get the
//! whole file, as the standard allows.

use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::backend::StoredFile;

/// For public files that never change.
pub(crate) const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For public files that change: keep, but ask.
pub(crate) const CACHE_AND_ASK: &str = "public, no-cache";
/// For files that only their owner may see: never keep.
pub(crate) const CACHE_NEVER: &str = "private, no-store";

/// Answers a request for `file`.
pub(crate) fn reply(
    file: StoredFile,
    media_type: &'static str,
    cache: &'static str,
    asked: &HeaderMap,
) -> Response {
    let etag = format!("\"{}\"", file.version);
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    if matches(asked, &etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let length = file.bytes.len();
    let Some((start, end)) = range(asked, &etag, length) else {
        return (headers, file.bytes).into_response();
    };
    let content_range = format!("bytes {start}-{}/{length}", end.saturating_sub(1));
    if let Ok(value) = HeaderValue::from_str(&content_range) {
        headers.insert(CONTENT_RANGE, value);
    }
    let part = file.bytes.slice(start..end);
    (StatusCode::PARTIAL_CONTENT, headers, part).into_response()
}

/// Whether the caller has this version already.
fn matches(asked: &HeaderMap, etag: &str) -> bool {
    let Some(value) = asked
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    value
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag)
}

/// The one range asked for, as start and end (exclusive), if it lies in the file.
fn range(asked: &HeaderMap, etag: &str, length: usize) -> Option<(usize, usize)> {
    let text = |name| {
        asked
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or(""))
    };
    if text(IF_RANGE).is_some_and(|version| version != etag) {
        return None;
    }
    let (first, last) = text(RANGE)?.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = if first.is_empty() {
        let suffix: usize = last.parse().ok()?;
        (length.saturating_sub(suffix), length)
    } else {
        let end = match last {
            "" => length,
            last => last.parse::<usize>().ok()?.saturating_add(1).min(length),
        };
        (first.parse().ok()?, end)
    };
    (start < end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn one_sensible_range_is_served() {
        let cases = [
            ("bytes=0-3", Some((0, 4))),
            ("bytes=4-", Some((4, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=2-99", Some((2, 10))),
            ("bytes=-99", Some((0, 10))),
            ("bytes=10-", None),
            ("bytes=5-2", None),
            ("bytes=-0", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("bytes=x-", None),
        ];
        for (value, expected) in cases {
            assert_eq!(range(&ask(RANGE, value), "\"v\"", 10), expected, "{value}");
        }
    }

    #[test]
    fn a_known_version_is_recognised() {
        assert!(matches(&ask(IF_NONE_MATCH, "\"a\", W/\"b\""), "\"b\""));
        assert!(matches(&ask(IF_NONE_MATCH, "*"), "\"b\""));
        assert!(!matches(&ask(IF_NONE_MATCH, "\"a\""), "\"b\""));
    }
}
