//! Git talking to a remote: it is ended where it takes too long, with all that it started.

use std::io::Read;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::program::{Answer, GitError, MOST_OUTPUT, MOST_WORDS, Program, failed, named};
use super::words::presentable;

/// A fetch may bring a whole history.
pub(super) const FETCH: Duration = Duration::from_secs(5 * 60);
/// A push brings a few small files.
pub(super) const PUSH: Duration = Duration::from_secs(2 * 60);
/// A question is answered in a line.
pub(super) const ASK: Duration = Duration::from_secs(30);

/// So long after being told to end git may tidy up: locks that it left would stop the next run.
const GRACE: Duration = Duration::from_secs(2);

/// Between two looks whether it has ended.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(50);

impl Program {
    /// Runs git over a network, and leaves it to the caller what the exit code means. `limit` is how long it may take
    /// where nothing else was set.
    ///
    /// # Errors
    /// When git is missing, says too much, or takes too long.
    pub fn ask_remote(&self, remote: &str, arguments: &[&str], limit: Duration) -> Result<Answer, GitError> {
        self.told(arguments);
        let limit = self.limit().unwrap_or(limit);
        let no_program = |error: std::io::Error| GitError::NoProgram(error.to_string());
        let mut command = self.command(arguments, false);
        let alone = is_unattended();
        #[cfg(unix)]
        if alone {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let mut child = command.spawn().map_err(no_program)?;
        let (sender, ends) = channel();
        let output = listen(child.stdout.take(), MOST_OUTPUT, &sender);
        let words = listen(child.stderr.take(), MOST_WORDS, &sender);
        drop(sender);
        let Some(status) = wait(&mut child, &ends, limit).map_err(no_program)? else {
            end(&mut child, &ends, alone);
            return Err(GitError::Slow { command: named(arguments), remote: remote.to_owned(), limit });
        };
        // Who holds the pipes open now is no part of git: a connection that ssh keeps for later.
        while ends.recv_timeout(GRACE).is_ok() {}
        let (output, errors) = (taken(&output), taken(&words));
        if output.len() as u64 > MOST_OUTPUT {
            return Err(GitError::Objects(format!("{} says too much", named(arguments))));
        }
        Ok(Answer { code: status.code(), output, words: presentable(&errors), errors })
    }

    /// The same, and takes a failure for an error.
    ///
    /// # Errors
    /// As for [`Program::ask_remote`]; and when git fails.
    pub fn run_remote(&self, remote: &str, arguments: &[&str], limit: Duration) -> Result<Answer, GitError> {
        let answer = self.ask_remote(remote, arguments, limit)?;
        if answer.success() { Ok(answer) } else { Err(failed(arguments, &answer)) }
    }
}

/// Whether there is no terminal at which somebody could be asked for a passphrase. Only then git has a group of its own:
/// in the background of a terminal, such a question would stop it for good.
fn is_unattended() -> bool {
    std::fs::File::open("/dev/tty").is_err()
}

/// Waits for the end, or for the limit.
fn wait(child: &mut Child, ends: &Receiver<()>, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let since = Instant::now();
    let mut pause = SHORTEST;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = limit.saturating_sub(since.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        match ends.recv_timeout(left.min(pause)) {
            // The end of its pipes mostly is its own.
            Ok(()) => pause = SHORTEST,
            Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(LONGEST),
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(left.min(pause));
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

/// Tells it to end, with all that it started, and sees to it.
fn end(child: &mut Child, ends: &Receiver<()>, alone: bool) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let pid = Pid::from_child(child);
        let tell = |signal| if alone { kill_process_group(pid, signal) } else { kill_process(pid, signal) };
        // Fails only where it has ended meanwhile.
        let _ = tell(Signal::TERM);
        let _ = wait(child, ends, GRACE);
        let _ = tell(Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = (ends, alone);
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a pipe to its end on a thread of its own, and keeps one byte more than the limit.
fn listen(pipe: Option<impl Read + Send + 'static>, limit: u64, ended: &Sender<()>) -> Arc<Mutex<Vec<u8>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (kept, ended) = (Arc::clone(&heard), ended.clone());
    thread::spawn(move || {
        let mut chunk = [0; 16 * 1024];
        let most = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        let mut pipe = pipe;
        while let Some(Ok(count @ 1..)) = pipe.as_mut().map(|pipe| pipe.read(&mut chunk)) {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let room = most.saturating_sub(kept.len()).min(count);
            kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        }
        // Nobody listens any more where git was ended.
        let _ = ended.send(());
    });
    heard
}

fn taken(heard: &Mutex<Vec<u8>>) -> Vec<u8> {
    std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::git::testing::Scene;
    use crate::git::{APPROVALS, Pushed};

    /// A remote behind this instead of ssh.
    fn behind(scene: &Scene, script: &str) -> Program {
        scene.git().run(&["remote", "set-url", "origin", "ssh://forge.example/acme.git"]).unwrap();
        let file = scene.folder.path().join("ssh.sh");
        std::fs::write(&file, script).unwrap();
        scene.git().with("GIT_SSH_COMMAND", format!("sh {}", file.display())).with("GIT_SSH_VARIANT", "simple")
    }

    #[test]
    fn a_remote_that_hangs_is_given_up_with_all_that_was_started() {
        let scene = Scene::new();
        let pid = scene.folder.path().join("pid");
        let git = behind(&scene, &format!("echo $$ > {}; exec sleep 600", pid.display()));
        let slow = git.ask_remote("origin", &["fetch", "origin"], Duration::from_secs(1)).unwrap_err();
        assert!(slow.to_string().contains("git fetch: the remote origin took longer than 1 second"), "{slow}");
        if is_unattended() {
            let pid: i32 = std::fs::read_to_string(pid).unwrap().trim().parse().unwrap();
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            // An orphan is listed until somebody has waited for it.
            let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let since = Instant::now();
            while rustix::process::test_kill_process(pid).is_ok() && !state().contains(") Z ") {
                assert!(since.elapsed() < Duration::from_secs(30), "{}", state());
                thread::sleep(Duration::from_millis(10));
            }
        }
    }

    #[test]
    fn whoever_keeps_the_pipes_open_is_not_waited_for() {
        let scene = Scene::new();
        let git =
            behind(&scene, "sleep 600 > /dev/null < /dev/null & echo $! > pid; echo nobody lives here >&2; exit 1");
        let since = Instant::now();
        let answer = git.ask_remote("origin", &["fetch", "origin"], Duration::from_secs(60)).unwrap();
        assert!(answer.words.contains("nobody lives here") && !answer.success(), "{answer:?}");
        assert!(since.elapsed() < Duration::from_secs(40));
        let pid = std::fs::read_to_string(scene.root.join("pid")).unwrap();
        let _ = rustix::process::Pid::from_raw(pid.trim().parse().unwrap())
            .map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
    }

    #[test]
    fn a_push_that_arrived_counts_whether_its_answer_is_lost_or_never_comes() {
        for hook in ["kill -9 $PPID", "exec sleep 600"] {
            let scene = Scene::new();
            let base = scene.commit("x", "0");
            scene.push("main");
            scene.remote_hook("post-receive", hook);
            let (repository, _) = scene.open();
            let repository = repository.patient(Some(Duration::from_secs(3)));
            let ours = scene.decision("ours", &[base]);
            assert_eq!(repository.push("origin", APPROVALS, ours).unwrap(), Pushed::Done, "{hook}");
            assert_eq!(repository.remote_tip("origin", APPROVALS).unwrap(), Some(ours));
        }
    }

    #[test]
    fn a_push_that_did_not_arrive_says_what_the_push_met() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        behind(&scene, "");
        let file = scene.folder.path().join("ssh.sh");
        std::fs::write(&file, "printf 'no \\033[31mroute\\n' >&2; exit 1").unwrap();
        let (repository, _) = scene.open();
        let repository = repository.with("GIT_SSH_COMMAND", format!("sh {}", file.display()));
        let repository = repository.with("GIT_SSH_VARIANT", "simple");
        let error = repository.push("origin", APPROVALS, base).unwrap_err().to_string();
        assert!(error.starts_with("git push failed") && error.contains("route"), "{error}");
        assert!(!error.contains('\u{1b}'), "{error}");
    }
}
