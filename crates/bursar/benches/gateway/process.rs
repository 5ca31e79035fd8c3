//! What the system knows of a process: its processor time and its memory.

use std::fs;

/// The processor time of a process and its children so far, in nanoseconds.
pub(crate) fn processor_time(process: u32) -> u64 {
    let own: u64 = tasks(process).iter().map(|task| task_time(process, task)).sum();
    own + children(process).into_iter().map(processor_time).sum::<u64>()
}

/// The memory that a process has in use, in bytes.
pub(crate) fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux says so");
    let kilobytes = line.split_whitespace().nth(1).expect("a size");
    kilobytes.parse::<u64>().expect("a number") * 1024
}

fn tasks(process: u32) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    tasks.flatten().map(|task| task.file_name().to_string_lossy().into_owned()).collect()
}

/// A task that has ended meanwhile took what is not known any more.
fn task_time(process: u32, task: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/task/{task}/schedstat"));
    let text = text.unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

fn children(process: u32) -> Vec<u32> {
    let of_task = |task: &String| {
        fs::read_to_string(format!("/proc/{process}/task/{task}/children")).unwrap_or_default()
    };
    let text: String = tasks(process).iter().map(of_task).collect();
    text.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}
