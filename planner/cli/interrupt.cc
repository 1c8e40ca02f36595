#include "planner/cli/interrupt.h"

#include <csignal>

namespace galvatron {
namespace {

// A signal handler reaches nothing but a variable like this.
volatile std::sig_atomic_t interrupt_came = 0;

void note_interrupt(int) {
  interrupt_came = 1;
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace

void watch_interrupt() { std::signal(SIGINT, note_interrupt); }

bool interrupted() { return interrupt_came != 0; }

}  // namespace galvatron
