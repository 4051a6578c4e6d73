//! The child process of a sandbox that runs scripts in processes, for programs that do not want to be started again themselves.

fn main() -> std::io::Result<()> {
    sandbox::serve()
}
