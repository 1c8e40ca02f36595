// What the ranks were last seen doing, and what follows from it: pure functions of time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost_models/units.h"
#include "executor/launch/exit_code.h"
#include "executor/watch/whereabouts.h"

namespace galvatron {

// How one rank was last seen. Times count from the same, arbitrary moment.
struct Sighting {
  enum class State { awaited, running, left, lost } state = State::awaited;  // lost: without leave
  Seconds heard{};  // when it last sent anything; of an awaited one when waiting began
  Seconds moved{};  // when its progress last changed
  std::optional<Seconds> failed;  // when a communicator of it was said to have
  Place place;
  std::string name;     // "rank 3 (process 4711 on node12)"
  std::string failure;  // of that communicator, and what the transport says
  int exit_code = 0;    // of one that left

  bool operator==(const Sighting&) const = default;
};

struct WatchLimits {
  Seconds silence{20};  // of a process that does not answer
  Seconds start{60};    // until every process has come
  double stalled = 5;   // all ranks without progress, in silences or in the longest pause so far

  bool operator==(const WatchLimits&) const = default;
};

// Why the run is over. `rank` is the culprit, -1 where it is nobody's fault alone.
struct Verdict {
  int rank = -1;
  ExitCode code = ExitCode::peer_died;  // for the ranks that are left
  std::string text;                     // empty: the culprit has said it itself
  int own_code = 0;                     // what the culprit ended with, where it ended by itself

  bool operator==(const Verdict&) const = default;
};

// By rank. In this order: a rank that was lost; one that left with an error; one whose communicator
// failed, unless within a second it turns out that somebody has died or left, which closes
// connections too; the one silent for longest
// beyond the limit; no rank getting further, which a collective that not all have entered looks
// like. Reading and writing files may take as long as it takes. `longest_pause`: the longest time
// so far between two steps forward of any rank.
std::optional<Verdict> judge(const std::vector<Sighting>& ranks, const WatchLimits& limits,
                             Seconds now, Seconds longest_pause);

}  // namespace galvatron
