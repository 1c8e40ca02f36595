// Starting a plan's ranks on this machine: mpirun as a child process, watched until it ends.
#pragma once

#include <string>
#include <vector>

#include "executor/launch/rank_environment.h"

namespace galvatron {

struct LocalLaunch {
  int ranks = 1;
  std::vector<std::string> command;  // the program and its arguments, --local left out
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

// Runs until every rank has ended and returns first_culprit. SIGINT and SIGTERM are passed on;
// then the answer is 130 or 143.
//
// Throws ExecutorError (launch) if mpirun cannot be started.
int launch_locally(const LocalLaunch& launch, const Environment& environment);

}  // namespace galvatron
