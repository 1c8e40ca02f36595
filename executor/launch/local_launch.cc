#include "executor/launch/local_launch.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "executor/watch/watch_hub.h"

namespace galvatron {
namespace {

constexpr std::chrono::milliseconds kLookInterval{20};
constexpr Seconds kTimeToDecide{1};        // after mpirun has ended
constexpr std::chrono::seconds kGrace{5};  // between a verdict and the end of who ignores it

// All that the signal handler may touch.
volatile sig_atomic_t caught_signal = 0;

void note_signal(int signal_number) { caught_signal = signal_number; }

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

void catch_signals() {
  caught_signal = 0;
  struct sigaction action = {};
  action.sa_handler = note_signal;  // mpirun gets the default action back when it starts
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGUSR1, &action, nullptr);
}

// mpirun while it runs, and what befalls the ranks meanwhile.
class Supervision {
 public:
  Supervision(const LocalLaunch& launch, WatchHub& hub, pid_t mpirun)
      : launch_(launch), hub_(hub), mpirun_(mpirun) {}

  int run();

 private:
  std::optional<int> ended_code();
  void pass_on_signal();
  void end_the_obstinate();
  int code_of_run(int mpirun_code);

  const LocalLaunch& launch_;
  WatchHub& hub_;
  pid_t mpirun_;
  int passed_on_ = 0;
  int killed_by_ = 0;  // the signal that ended mpirun itself
  std::optional<std::chrono::steady_clock::time_point> decided_;
};

int Supervision::run() {
  while (true) {
    if (const std::optional<int> code = ended_code()) return code_of_run(*code);
    if (caught_signal != passed_on_) pass_on_signal();
    end_the_obstinate();
    std::this_thread::sleep_for(kLookInterval);
  }
}

std::optional<int> Supervision::ended_code() {
  int status = 0;
  const pid_t ended = waitpid(mpirun_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  if (ended < 0) return static_cast<int>(ExitCode::internal_error);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  killed_by_ = WTERMSIG(status);
  return 128 + killed_by_;
}

// mpirun would end the ranks on SIGTERM before they have saved: they are told directly.
void Supervision::pass_on_signal() {
  passed_on_ = caught_signal;
  const bool ranks_stop = launch_.on_stop == LocalLaunch::OnStop::tell_ranks &&
                          (passed_on_ == SIGTERM || passed_on_ == SIGUSR1);
  if (!ranks_stop) {
    kill(mpirun_, passed_on_ == SIGUSR1 ? SIGTERM : passed_on_);  // which it would only forward
    return;
  }
  for (const int process : hub_.processes()) kill(process, passed_on_);
}

// A stopped process does not read the verdict, and mpirun may be stopped itself.
void Supervision::end_the_obstinate() {
  const auto now = std::chrono::steady_clock::now();
  if (!decided_ && hub_.verdict()) decided_ = now;
  if (!decided_ || now - *decided_ < kGrace) return;
  for (const int process : hub_.processes()) kill(process, SIGKILL);
  kill(mpirun_, SIGKILL);
}

int Supervision::code_of_run(int mpirun_code) {
  constexpr auto kPreempted = static_cast<int>(ExitCode::preempted);
  const std::optional<Verdict> verdict = hub_.finish(kTimeToDecide);
  for (const int process : hub_.processes()) kill(process, SIGKILL);  // what mpirun has left behind
  const int code = !verdict                 ? first_culprit(mpirun_code)
                   : verdict->own_code != 0 ? verdict->own_code
                                            : static_cast<int>(verdict->code);
  if (passed_on_ != 0) return code == kPreempted || code == 0 ? code : 128 + passed_on_;
  if (killed_by_ != 0 && !decided_) {
    launch_.report(ExitCode::peer_died, fmt::format("mpirun, which started the ranks, was ended by "
                                                    "SIG{}",
                                                    sigabbrev_np(killed_by_)));
    return static_cast<int>(ExitCode::peer_died);
  }
  if (verdict && !verdict->text.empty()) launch_.report(verdict->code, verdict->text);
  return code;
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
  check_no_rank(environment);
  WatchHub hub({.ranks = launch.ranks,
                .limits = {.silence = launch.peer_timeout},
                .reach = Reach::this_machine,
                .on_verdict = nullptr});
  MpirunCall call = mpirun_call(launch, environment);
  call.variables.push_back(fmt::format("{}={}", kWatchVariable, hub.address()));
  catch_signals();
  const pid_t child = fork();
  if (child < 0) {
    throw ExecutorError(ExitCode::launch,
                        fmt::format("cannot start a process: {}", std::strerror(errno)));
  }
  if (child == 0) become_mpirun(call);
  return Supervision(launch, hub, child).run();
}

}  // namespace galvatron
