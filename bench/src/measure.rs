//! What processes have used, and what went to the disk, from `/proc`.

use std::path::Path;

use anyhow::{Context, Result};

/// Milliseconds of processor time, user and system, that these processes and their finished children have used so far.
///
/// # Errors
/// The machine or the hub does not do its part.
pub fn cpu_ms(pids: &[u32]) -> Result<f64> {
    let mut used = 0.0;
    for pid in pids {
        // A process of the group that has just ended is counted by its parent.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let times = fields.get(11..15).context("a stat line has its times")?;
        used += times.iter().filter_map(|text| text.parse::<f64>().ok()).sum::<f64>() * 10.0;
    }
    Ok(used)
}

/// KiB that the disk below a folder has written so far, by whomever, once everything that waits in memory is there too;
/// none where the system does not count that. What a process says it wrote (`write_bytes`) would be no measure: it counts
/// whole folios of the page cache, however little of them changed.
pub fn written_kib(folder: &Path) -> Option<f64> {
    use std::os::unix::fs::MetadataExt as _;
    std::process::Command::new("sync").status().ok()?;
    let device = std::fs::metadata(folder).ok()?.dev();
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xf_ff00));
    let disks = std::fs::read_to_string("/proc/diskstats").ok()?;
    disks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields.first()?.parse() == Ok(major) && fields.get(1)?.parse() == Ok(minor);
        let sectors: f64 = fields.get(9)?.parse().ok()?;
        ours.then_some(sectors / 2.0)
    })
}

/// A process and all below it.
pub fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut all = vec![root];
    let mut index = 0;
    while index < all.len() {
        let parent = all[index];
        all.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        index += 1;
    }
    all
}

/// Resident memory of a process.
pub fn resident_kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
