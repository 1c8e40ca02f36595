// Ctrl-C: the first one asks the search to stop with its best plan, the second one ends the
// program.
#pragma once

namespace galvatron {

// From now on SIGINT is noted.
void watch_interrupt();

// Whether one has come since.
bool interrupted();

}  // namespace galvatron
