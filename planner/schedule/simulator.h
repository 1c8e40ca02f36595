// Runs timed rank programs against each other, event by event.
//
// One rank stands for each stage: inside a stage all ranks do the same at the same time, so a
// collective there meets nobody. What crosses stages does meet: a transfer begins when its send and
// its receive are both started and the one before it on the same channel is over; a sum over stages
// begins when the last of them is there. A send that is started holds nobody up; its wait does.
// While a rank computes and its data stream has something to move, computation advances at 1/kx of
// its speed and the traffic at 1/ky, as the collective under way has them.
#pragma once

#include <variant>
#include <vector>

#include "cost_models/hardware.h"
#include "cost_models/runtime.h"
#include "planner/schedule/program.h"

namespace galvatron {

// How long each operation lasts when nothing else runs on the rank. Of an operation in two parts
// the start carries the duration; a wait takes as long as it has to.
struct TimedProgram {
  RankProgram ops;
  std::vector<Seconds> durations;  // one per operation
};

struct OverlapRule {
  Overlap overlap{};
  Traffic data_stream = Traffic::overlapped;  // blocking: a start there lasts until it is done
};

// When one operation occupied one stream of one stage.
struct Activity {
  int stage = 0;
  StreamName stream = StreamName::compute;
  int op = 0;  // index into the stage's program
  Seconds begin{};
  Seconds end{};

  bool operator==(const Activity&) const = default;
};

struct SimulatedStep {
  Seconds step{};
  std::vector<Activity> timeline;            // by stage, then in the order of the program
  std::vector<std::vector<Seconds>> passed;  // by stage and operation: when its rank was past it
};

// Operations that wait for one another for ever: one per stage that did not finish.
struct WaitingOp {
  int stage = 0;
  int op = 0;

  bool operator==(const WaitingOp&) const = default;
};

struct Deadlock {
  std::vector<WaitingOp> waiting;
};

std::variant<SimulatedStep, Deadlock> simulate_programs(const std::vector<TimedProgram>& stages,
                                                        const OverlapRule& rule);

}  // namespace galvatron
