// Starting a plan's ranks on this machine: mpirun as a child process, watched until it ends.
//
// mpirun starts the ranks and makes them find each other. Who of them failed, and how, it tells
// people only; so every rank also connects to a hub here (executor/watch), whose address it finds
// in its environment. The hub names the culprit and has all others end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cost_models/units.h"
#include "executor/launch/exit_code.h"
#include "executor/launch/rank_environment.h"

namespace galvatron {

// The environment variable with the hub's address (address_text).
inline constexpr const char* kWatchVariable = "GALVATRON_LAUNCHER";

struct LocalLaunch {
  enum class OnStop {
    end_ranks,   // SIGTERM or SIGUSR1 ends the run
    tell_ranks,  // they save and end by themselves
  };

  int ranks = 1;
  std::vector<std::string> command;  // the program and its arguments, --local left out
  Seconds peer_timeout{20};          // until a rank that does not answer ends the run
  OnStop on_stop = OnStop::end_ranks;
  // Says why the run is over; not called where a rank has said it itself.
  std::function<void(ExitCode code, const std::string& message)> report = [](ExitCode,
                                                                             const std::string&) {};
};

// The arguments of mpirun and the variables it needs besides those of this process: ranks may
// outnumber cores, root is an ordinary user of a container, ssh may be missing.
struct MpirunCall {
  std::vector<std::string> arguments;
  std::vector<std::string> variables;  // NAME=value

  bool operator==(const MpirunCall&) const = default;
};

MpirunCall mpirun_call(const LocalLaunch& launch, const Environment& environment);

// What a launcher's exit code says about the ranks: the code of the first rank that failed; a rank
// ended by a signal (128 + signal) has died.
int first_culprit(int mpirun_code);

// Runs until every rank has ended and returns the first culprit's code: its own, 21 if it died, 22
// if it did not answer. SIGINT, SIGTERM and SIGUSR1 are passed on; then the answer is 128 + signal,
// or 75 where the ranks have saved.
//
// Throws ExecutorError (launch) if mpirun cannot be started or a launcher has started this process.
int launch_locally(const LocalLaunch& launch, const Environment& environment);

}  // namespace galvatron
