// SIGTERM and SIGUSR1 as a request to save and stop, for a scheduler that wants its machine back.
#pragma once

namespace galvatron {

// While one lives, the two signals are noted instead of ending the process. At most one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();  // the process's own handlers again
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The first signal that came, or 0.
  static int received();
};

}  // namespace galvatron
