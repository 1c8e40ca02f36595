#include "executor/launch/stop_signals.h"

#include <signal.h>

#include <array>
#include <cstddef>

namespace galvatron {
namespace {

constexpr std::array<int, 2> kSignals{SIGTERM, SIGUSR1};

// All that a handler may touch.
volatile sig_atomic_t received_signal = 0;
std::array<struct sigaction, kSignals.size()> before;

void note(int signal_number) {
  if (received_signal == 0) received_signal = signal_number;
}

}  // namespace

StopSignals::StopSignals() {
  received_signal = 0;
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
}

int StopSignals::received() { return received_signal; }

}  // namespace galvatron
