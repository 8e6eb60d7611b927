//! A real `piaod dev` on a free port, ended by its own id.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use piao_api::backend::{ProofForm, Show};
use piao_api::client::{Client, Issued};
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::Invoice;
use piao_chain::proof::{TrustRoot, TrustRootEnvelope, Verdict, VerifyOptions, verify};
use piao_chain::time::BlockTime;

/// A node that is not ready by then has failed.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// A node that has not ended by then has failed.
const END_WITHIN: Duration = Duration::from_secs(20);

/// Of the network's keys.
pub(crate) const SEED: u64 = 7;

/// A running node and its data directory.
pub(crate) struct Node {
    child: Option<Child>,
    pub(crate) data: PathBuf,
    pub(crate) client: Client,
    _folder: Option<tempfile::TempDir>,
}

impl Node {
    /// A new network in a new folder.
    pub(crate) fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut node = Self::on(&folder.path().join("data"));
        node._folder = Some(folder);
        node
    }

    /// A new network in a new folder, whose command is changed first.
    pub(crate) fn fresh_as(change: impl FnOnce(&Path) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut node = Self::start(&data, change(&data));
        node._folder = Some(folder);
        node
    }

    /// A node on a data directory.
    pub(crate) fn on(data: &Path) -> Self {
        Self::with(data, &[])
    }

    /// A node on a data directory, with more arguments.
    pub(crate) fn with(data: &Path, more: &[&str]) -> Self {
        Self::try_with(data, more).unwrap_or_else(|log| panic!("not ready; its log:\n{log}"))
    }

    /// A node that may refuse to start; what it said then.
    pub(crate) fn try_with(data: &Path, more: &[&str]) -> Result<Self, String> {
        let mut command = command(data);
        command.args(more);
        Self::try_start(data, command)
    }

    /// A node by a command that has no address yet.
    pub(crate) fn start(data: &Path, command: Command) -> Self {
        Self::try_start(data, command).unwrap_or_else(|log| panic!("not ready; its log:\n{log}"))
    }

    pub(crate) fn try_start(data: &Path, command: Command) -> Result<Self, String> {
        let before = said(data, 0).len();
        let (mut child, lines) = spawn(data, command);
        match lines.recv_timeout(READY_WITHIN) {
            Ok(line) => Ok(Self::ready(child, data, &line)),
            Err(_ended) => {
                drop(child.kill());
                drop(child.wait());
                Err(said(data, before))
            }
        }
    }

    fn ready(child: Child, data: &Path, line: &str) -> Self {
        let url = line.strip_prefix("ready ").unwrap();
        Self {
            child: Some(child),
            data: data.to_owned(),
            client: Client::new(url, None).unwrap(),
            _folder: None,
        }
    }

    /// `ADDR:PORT` it serves on.
    pub(crate) fn address(&self) -> String {
        let url = self.client.base_url();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        address.to_owned()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("log")).unwrap_or_default()
    }

    /// The most memory it has had, in MiB.
    pub(crate) fn memory_peak_mib(&self) -> u64 {
        let status = self.proc("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: u64 = peak
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap();
        kib / 1024
    }

    /// Clock ticks (10 ms) it has worked, on all cores together.
    pub(crate) fn ticks(&self) -> u64 {
        let stat = self.proc("stat");
        // The name may hold blanks; the fields count from after it.
        let fields = stat.rsplit(')').next().unwrap().split_whitespace();
        fields
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap())
            .sum()
    }

    fn proc(&self, file: &str) -> String {
        let pid = self.child.as_ref().unwrap().id();
        std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap()
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        wait(&mut child)
    }

    /// Starts it again on the same data.
    pub(crate) fn restart(&mut self) {
        assert!(self.child.is_none(), "stop it first");
        let again = Self::on(&self.data);
        let folder = self._folder.take();
        *self = again;
        self._folder = folder;
    }

    /// Its folder, for a node that is started on it by another command.
    pub(crate) fn take_folder(&mut self) -> Option<tempfile::TempDir> {
        self._folder.take()
    }

    /// Keeps a folder for as long as it runs.
    pub(crate) fn give_folder(&mut self, folder: Option<tempfile::TempDir>) {
        self._folder = folder;
    }

    /// The trust root as the node serves it.
    pub(crate) async fn trust_root(&self) -> TrustRoot {
        let text = self.client.trust_root().await.unwrap();
        let envelope: TrustRootEnvelope = serde_json::from_slice(&text).unwrap();
        TrustRoot::open(&envelope).unwrap()
    }

    /// The proof file of an invoice.
    pub(crate) async fn proof(&self, number: &str) -> Vec<u8> {
        let proof = self
            .client
            .proof(number, ProofForm::Binary, &Show::Nothing)
            .await;
        proof.unwrap().bytes.to_vec()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Only what this test started, by its id.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// `piaod dev` on a data directory, without an address yet.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
    command
        .args([
            "dev",
            "--seed",
            &SEED.to_string(),
            "--log",
            "warn",
            "--data",
        ])
        .arg(data)
        .stdin(Stdio::null());
    command
}

/// Starts a node; its lines on stdout.
fn spawn(data: &Path, mut command: Command) -> (Child, mpsc::Receiver<String>) {
    let mut child = command
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(log(data))
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    (child, receive)
}

/// What stands in a node's log from a byte on.
fn said(data: &Path, from: usize) -> String {
    let log = std::fs::read_to_string(data.with_extension("log")).unwrap_or_default();
    log.get(from..).unwrap_or_default().to_owned()
}

/// Another verb of `piaod` on a data directory.
pub(crate) fn piaod(verb: &str, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
    command
        .arg(verb)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null());
    command
}

/// Runs a command that must end by itself.
pub(crate) fn run(mut command: Command) -> Output {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.wait_with_output().unwrap()
}

fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + END_WITHIN;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "it did not end");
        std::thread::yield_now();
    }
}

fn log(data: &Path) -> std::fs::File {
    let path = data.with_extension("log");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap()
}

/// An idempotency key.
pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

/// The invoice of a reply that must be final.
pub(crate) fn final_invoice(issued: Issued) -> Invoice {
    match issued {
        Issued::Final { invoice, .. } => *invoice,
        Issued::Pending(view) => panic!("not final: {view:?}"),
    }
}

/// The sample draft, with members changed.
pub(crate) fn draft(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut draft = serde_json::json!({
        "kind": "general",
        "buyer": {
            "type": "enterprise",
            "name": "深圳市示例科技有限公司",
            "tax_id": "91420100MAXH4XGP0H",
        },
        "lines": [{
            "name": "*生产生活服务*餐费",
            "class_code": "3070401000000000000",
            "unit": "次",
            "quantity": "1",
            "unit_price": "100.00",
            "rate": "0.06",
        }],
        "issuer": "开票人",
    });
    change(&mut draft);
    draft.to_string()
}

/// The machine's time.
pub(crate) fn now() -> BlockTime {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    BlockTime::from_ms(u64::try_from(now.as_millis()).unwrap())
}

/// A verdict as of now.
pub(crate) fn judge(proof: &[u8], root: Option<&TrustRoot>) -> Verdict {
    let options = VerifyOptions {
        now: now(),
        max_age_ms: None,
    };
    verify(proof, root, &options)
}

/// A plain GET, whole reply as text, within a deadline.
pub(crate) fn get(base: &str, path: &str) -> String {
    use std::io::{Read as _, Write as _};
    let address = base.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(END_WITHIN)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}
