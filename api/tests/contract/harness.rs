//! A server on a port of the system's choice, and what tests ask of it.

use std::sync::Arc;
use std::time::Duration;

use piao_api::client::{Client, ClientError};
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::Problem;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::memory::{KEY_BOTH, Memory, Options};

/// No test waits longer for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) backend: Arc<Memory>,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bounds = options.bounds;
        let backend = Arc::new(Memory::new(options, port));
        let (stop, stopped) = oneshot::channel();
        let served = backend.clone();
        let task = tokio::spawn(piao_api::server::serve_within(
            bounds,
            listener,
            served,
            async move {
                stopped.await.unwrap();
            },
        ));
        let url = format!("http://127.0.0.1:{port}");
        let stop = Some(stop);
        Self {
            url,
            port,
            backend,
            stop,
            task,
        }
    }

    /// A development node, which serves its own machine without a key.
    pub(crate) async fn dev() -> Self {
        Self::start(Options::default()).await
    }

    /// A typed client with the key for accounts 1 and 2.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, Some(KEY_BOTH.to_owned())).unwrap()
    }

    /// A call without anything added.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let http = reqwest::Client::builder()
            .timeout(DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.call(Method::GET, path).send().await.unwrap()
    }

    /// Posts a JSON text with an idempotency key.
    pub(crate) async fn post(&self, path: &str, key: &str, body: impl Into<String>) -> Response {
        self.call(Method::POST, path)
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.into())
            .send()
            .await
            .unwrap()
    }

    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
        }
    }
}

/// The sample draft as JSON.
pub(crate) fn draft() -> Value {
    serde_json::to_value(piao_chain::invoice::sample::draft()).unwrap()
}

/// The sample draft with one order reference.
pub(crate) fn draft_of(order_ref: &str) -> String {
    let mut draft = draft();
    draft["order_ref"] = json!(order_ref);
    draft.to_string()
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

/// The problem of a reply, after checking everything every problem must have.
pub(crate) async fn problem(reply: Response) -> Problem {
    let status = reply.status();
    let header = |name: &str| {
        let value = reply
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned());
        value.unwrap_or_else(|| panic!("{status} without {name}"))
    };
    assert_eq!(header("content-type"), "application/problem+json");
    assert_eq!(header("cache-control"), "no-store");
    let request_id = header("x-request-id");
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        header("retry-after");
    }
    let problem: Problem = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
    assert_eq!(problem.status, status.as_u16());
    assert_eq!(problem.request_id, request_id);
    assert_eq!(problem.kind, format!("/errors/{}", problem.code));
    let first = problem
        .failures
        .first()
        .expect("a problem lists its failures");
    assert_eq!(first.code, problem.code);
    problem
}

/// Status and code of a refusal.
pub(crate) async fn refusal(reply: Response) -> (u16, String) {
    let problem = problem(reply).await;
    (problem.status, problem.code)
}

/// Status and code of a refusal that came through the typed client.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String) {
    match result {
        Err(ClientError::Refused {
            problem, status, ..
        }) => (status, problem.code),
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn pair(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
