//! A node's door with canned answers: enough HTTP to see what the program sends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use piao_api::wire::{Failure, Problem};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

/// No call takes longer.
const DEADLINE: Duration = Duration::from_secs(20);

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method and path with query.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An answer; `None` hangs up without one.
pub(crate) type Reply = Option<(u16, &'static str, Vec<u8>)>;

/// A node that answers every request with one function.
pub(crate) struct Stub {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        // Ends with the test process: nothing outlives it.
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(&stream.unwrap(), &answer, &log);
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The idempotency keys of all requests.
    pub(crate) fn keys(&self) -> Vec<String> {
        let seen = self.seen();
        let keys = seen
            .iter()
            .filter_map(|request| request.header("idempotency-key"));
        keys.map(str::to_owned).collect()
    }
}

fn serve(mut stream: &TcpStream, answer: &impl Fn(&Request) -> Reply, log: &Mutex<Vec<Request>>) {
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let Some(request) = read(stream) else { return };
    log.lock().unwrap().push(request.clone());
    if let Some((status, media_type, body)) = answer(&request) {
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n",
            body.len()
        );
        // A client that was interrupted is gone already.
        let _gone = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(&body));
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Request {
        line,
        headers,
        body,
    })
}

/// A JSON answer.
pub(crate) fn json(status: u16, value: &impl serde::Serialize) -> Reply {
    Some((
        status,
        "application/json",
        serde_json::to_vec(value).unwrap(),
    ))
}

/// A refusal for these reasons.
pub(crate) fn problem(faults: &[Fault]) -> Reply {
    let code = faults.first()?.code;
    let failures = faults.iter().map(|fault| Failure::from_fault(fault, None));
    let problem = Problem {
        kind: format!("/errors/{}", code.code()),
        title: code.en().to_owned(),
        status: code.http_status(),
        detail: None,
        instance: "/v1/invoices".to_owned(),
        code: code.code().to_owned(),
        request_id: "r-17".to_owned(),
        failures: failures.collect(),
    };
    Some((
        problem.status,
        "application/problem+json",
        serde_json::to_vec(&problem).unwrap(),
    ))
}

/// A refusal for one reason without evidence.
pub(crate) fn refusal(code: FailureCode) -> Reply {
    problem(&[Fault::new(code)])
}
