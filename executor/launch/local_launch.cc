#include "executor/launch/local_launch.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

// Of the child, for the signal handler: it may only touch lock-free, async-signal-safe things.
volatile sig_atomic_t child_process = 0;
volatile sig_atomic_t caught_signal = 0;

void pass_on(int signal_number) {
  caught_signal = signal_number;
  if (child_process != 0) kill(static_cast<pid_t>(child_process), signal_number);
}

bool on_path(const std::string& program, const Environment& environment) {
  std::istringstream folders(environment("PATH").value_or(""));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::vector<char*> as_argv(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void become_mpirun(MpirunCall& call) {
  for (std::string& variable : call.variables) putenv(variable.data());
  const std::vector<char*> argv = as_argv(call.arguments);
  execvp(argv[0], argv.data());
  fmt::print(stderr, "galvatron-exec: cannot start {}: {}\n", argv[0], std::strerror(errno));
  _exit(static_cast<int>(ExitCode::launch));
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return static_cast<int>(ExitCode::internal_error);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

MpirunCall mpirun_call(const LocalLaunch& launch, const Environment& environment) {
  MpirunCall call{.arguments = {"mpirun", "--quiet", "-n", std::to_string(launch.ranks),
                                "--oversubscribe", "--bind-to", "none"},
                  .variables = {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"}};
  if (!on_path("ssh", environment) && !on_path("rsh", environment)) {
    call.variables.emplace_back("OMPI_MCA_plm=isolated");
  }
  call.arguments.insert(call.arguments.end(), launch.command.begin(), launch.command.end());
  return call;
}

int first_culprit(int mpirun_code) {
  return mpirun_code > 128 ? static_cast<int>(ExitCode::peer_died) : mpirun_code;
}

int launch_locally(const LocalLaunch& launch, const Environment& environment) {
  MpirunCall call = mpirun_call(launch, environment);
  struct sigaction action = {};
  action.sa_handler = pass_on;
  sigaction(SIGINT, &action, nullptr);  // mpirun gets the default action back when it starts
  sigaction(SIGTERM, &action, nullptr);
  const pid_t child = fork();
  if (child < 0) {
    throw ExecutorError(ExitCode::launch,
                        fmt::format("cannot start a process: {}", std::strerror(errno)));
  }
  if (child == 0) become_mpirun(call);
  child_process = child;
  if (caught_signal != 0) pass_on(caught_signal);  // it came before there was a child
  const int code = wait_for(child);
  child_process = 0;
  return caught_signal != 0 ? 128 + caught_signal : first_culprit(code);
}

}  // namespace galvatron
