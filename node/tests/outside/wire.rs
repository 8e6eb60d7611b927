//! Bytes on a real connection, and what came back.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// No reply takes longer, however busy the machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What a node replied; empty when it closed without a word.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) text: String,
}

impl Reply {
    /// The status of the reply; 0 when there was none.
    pub(crate) fn status(&self) -> u16 {
        let status = self.text.get(9..12).and_then(|status| status.parse().ok());
        status.unwrap_or(0)
    }

    /// The code of the problem, or of the first failure; empty when there is none.
    pub(crate) fn code(&self) -> &str {
        let mut parts = self.text.split("\"code\":\"");
        let code = parts.nth(1).and_then(|rest| rest.split('"').next());
        code.unwrap_or_default()
    }

    /// The value of a header, by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(found, value)| (found == name).then_some(value))
    }
}

/// An open connection with a deadline.
pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Sends bytes and reads until the node closes. `cut` closes the sending side after them.
pub(crate) fn exchange(address: &str, bytes: &[u8], cut: bool) -> Reply {
    let mut stream = connect(address);
    // A node that has heard enough closes before the last byte.
    drop(stream.write_all(bytes));
    if cut {
        drop(stream.shutdown(Shutdown::Write));
    }
    let mut reply = Vec::new();
    if let Err(error) = stream.read_to_end(&mut reply) {
        let reset = error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(reset, "{error}");
    }
    let text = String::from_utf8_lossy(&reply).into_owned();
    // Whoever asks whether to send is told to go on first.
    let text = match text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n") {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Reply { text }
}

/// A GET after which the connection ends.
pub(crate) fn get(address: &str, path: &str) -> Reply {
    let text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    exchange(address, text.as_bytes(), false)
}

/// A POST of JSON after which the connection ends, with more header lines.
pub(crate) fn post(address: &str, path: &str, lines: &str, body: &str) -> Reply {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n{lines}\r\n",
        body.len()
    );
    exchange(address, (head + body).as_bytes(), false)
}
