//! A PostgreSQL server of a test's own: made, started, killed and taken away again by the test.
//! Never part of a release: nothing but tests depends on it.
//!
//! The server listens on a socket in its own folder and on no port, so tests never meet. It is
//! watched by a shell that waits for the end of its input: when the test's process ends, however
//! it ends, the server is stopped and its folder is gone.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Debian's place for the server's programs, one folder for each major version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// Who owns everything inside the server.
const ROLE: &str = "bursar";

/// Makes a server, says where, and takes it away when nobody holds the other end of its input.
/// Durable as in earnest: nothing is turned off but the sync of an empty folder.
const WATCH: &str = r#"
set -e
folder=$(mktemp -d /tmp/bursar-postgres-XXXXXX)
"$1/initdb" -D "$folder/data" -U bursar -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$folder/log" 2>&1
echo "listen_addresses = ''
unix_socket_directories = '$folder'
fsync = on
synchronous_commit = on
max_connections = 200" >>"$folder/data/postgresql.conf"
"$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null
echo "$folder"
cat >/dev/null
"$1/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
rm -rf "$folder"
"#;

/// The same for a server that follows another, whose folder it is told, and can take its place.
const FOLLOW: &str = r#"
set -e
folder=$(mktemp -d /tmp/bursar-postgres-XXXXXX)
"$1/pg_basebackup" -D "$folder/data" -h "$2" -U bursar -X stream -c fast -R >"$folder/log" 2>&1
echo "unix_socket_directories = '$folder'" >>"$folder/data/postgresql.conf"
"$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null
echo "$folder"
cat >/dev/null
"$1/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
rm -rf "$folder"
"#;

/// A running server.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    watch: Child,
    databases: Mutex<u32>,
}

impl Server {
    /// The server that the tests of a process share for as long as one of them has it.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// A new server for one test alone.
    pub fn start() -> Self {
        Self::run(WATCH, None)
    }

    /// A server that follows this one and has all that this one has told its clients is written:
    /// what is committed from now on waits for it.
    #[must_use]
    pub fn followed(&self) -> Self {
        let follower = Self::run(FOLLOW, Some(&self.folder));
        self.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.sql("postgres", "SELECT pg_reload_conf()");
        let synchronous = "SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        while self.sql("postgres", synchronous) != "1" {}
        follower
    }

    /// Takes the place of the server that it follows.
    pub fn promote(&self) {
        let promoted = as_nobody(self.programs.join("pg_ctl"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-w", "promote"])
            .stdout(Stdio::null())
            .status();
        assert!(promoted.expect("pg_ctl runs").success(), "{}", self.log());
    }

    fn run(script: &str, after: Option<&Path>) -> Self {
        let programs = programs();
        let mut watch = as_nobody("sh")
            .args(["-c", script, "sh"])
            .arg(&programs)
            .args(after)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let output = watch.stdout.take().expect("the output is piped");
        let mut folder = String::new();
        let said = BufReader::new(output).read_line(&mut folder);
        said.expect("the shell says where the server is");
        assert!(!folder.is_empty(), "the server started; see `/tmp/bursar-postgres-*/log`");
        let folder = PathBuf::from(folder.trim_end());
        Self { programs, folder, watch, databases: Mutex::new(0) }
    }

    /// The folder that its socket is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a new and empty database.
    pub fn database(&self) -> String {
        self.copy("template0")
    }

    /// The address of a new database, which begins as another that nobody is connected to.
    pub fn copy(&self, other: &str) -> String {
        let mut databases = self.databases.lock().unwrap_or_else(PoisonError::into_inner);
        *databases = databases.saturating_add(1);
        let name = format!("test_{databases}");
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {other}"));
        self.address(&name)
    }

    /// Carries out statements as `psql` would, and gives what they answer.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let output = self.psql(database, statements);
        output.unwrap_or_else(|said| unreachable!("`{statements}` failed: {said}"))
    }

    /// The same, or what the server says against it.
    pub fn psql(&self, database: &str, statements: &str) -> Result<String, String> {
        let database = database.rsplit('/').next().unwrap_or(database);
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", ROLE, "-h"])
            .arg(&self.folder)
            .args(["-d", database, "-c", statements])
            .output()
            .expect("psql runs");
        let text = |bytes| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Kills every process of the server at once, without a word of warning to any.
    pub fn kill(&self) {
        let pid = self.pid();
        // Stopped first, so that it has no child that is not listed.
        let _ = as_nobody("kill").args(["-STOP", &pid]).status().expect("kill runs");
        let all = format!("{pid} {}", processes(&["--ppid", &pid]));
        let killed =
            as_nobody("kill").arg("-9").args(all.split_whitespace()).stderr(Stdio::null()).status();
        // A child may have ended by itself meanwhile, of which `kill` complains.
        let _ = killed.expect("kill runs");
        let all = all.split_whitespace().collect::<Vec<_>>().join(",");
        while !processes(&["-p", &all]).trim().is_empty() {}
    }

    /// Starts the server again where it was.
    pub fn restart(&self) {
        let started = as_nobody(self.programs.join("pg_ctl"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(["-w", "start"])
            .stdout(Stdio::null())
            .status();
        assert!(started.expect("pg_ctl runs").success(), "{}", self.log());
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        let mut log = String::new();
        let file = std::fs::File::open(self.folder.join("log"));
        let read = file.and_then(|mut file| file.read_to_string(&mut log));
        read.map(|_| log).unwrap_or_default()
    }

    /// The address of a database of this server, or of the one that follows it once it has taken
    /// this one's place.
    pub fn address_of_both(&self, follower: &Self, database: &str) -> String {
        let own = format!("@{}/", escaped(&self.folder));
        let both = format!("@{},{}/", escaped(&self.folder), escaped(&follower.folder));
        database.replacen(&own, &both, 1)
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://{ROLE}@{}/{database}", escaped(&self.folder))
    }

    fn pid(&self) -> String {
        let file =
            as_nobody("head").arg("-n1").arg(self.folder.join("data/postmaster.pid")).output();
        String::from_utf8_lossy(&file.expect("head runs").stdout).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// The newest of the servers that are installed.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(PROGRAMS).into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let folders = versions.map(|entry| entry.path()).filter(|path| version(path).is_some());
    let newest = folders.max_by_key(|path| version(path));
    let newest = newest.expect("PostgreSQL is installed (Debian: `apt-get install postgresql`)");
    newest.join("bin")
}

/// A folder as it stands in an address.
fn escaped(folder: &Path) -> String {
    folder.display().to_string().replace('/', "%2F")
}

/// The numbers of some processes.
fn processes(which: &[&str]) -> String {
    let listed = Command::new("ps").args(["-o", "pid="]).args(which).output();
    String::from_utf8_lossy(&listed.expect("ps runs").stdout).into_owned()
}

/// A command that root does not run as root: the server would not start.
fn as_nobody(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let id = Command::new("id").arg("-u").output().expect("id runs").stdout;
    if String::from_utf8_lossy(&id).trim() != "0" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command.current_dir("/tmp");
    command
}
