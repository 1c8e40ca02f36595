// How galvatron-exec ends: the codes a launcher, a script or a scheduler acts on.
#pragma once

#include <stdexcept>
#include <string>

namespace galvatron {

enum class ExitCode {
  success = 0,
  usage = 2,
  bad_input = 3,
  launch = 20,
  peer_died = 21,
  timeout = 22,
  out_of_memory = 23,
  not_a_number = 24,
  checkpoint = 25,
  internal_error = 70,
  preempted = 75,  // asked to stop, state saved: start again with --resume
  interrupted = 130,
  terminated = 143,
};

// An end that the user can do something about.
class ExecutorError : public std::runtime_error {
 public:
  ExecutorError(ExitCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace galvatron
