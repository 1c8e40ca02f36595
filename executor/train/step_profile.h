// When each operation of some steps ran, as a Chrome trace.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "executor/communication/communicator.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/schedule/simulator.h"

namespace galvatron {

// Steps first … last, counted from 1.
struct StepRange {
  std::int64_t first = 1;
  std::int64_t last = 1;

  bool operator==(const StepRange&) const = default;
};

// Records on every rank; the first rank of a stage stands for it in the file, as in the simulator.
// Waits of collectives are left out: this transport has finished them when they were started.
class StepProfile {
 public:
  StepProfile(const RankProgram& program, int stage) : program_(program), stage_(stage) {}

  // Before each recorded step. Times of all ranks count from the first of these moments.
  void begin(Communicator& world);
  // A StepObserver.
  void mark(std::size_t op);

  // Rank 0 writes the file. Collective over `world`. Throws std::system_error.
  struct File {
    std::string path;
    const Plan& plan;
    const LayerGraph& graph;
  };
  void write(const File& file, Communicator& world) const;

 private:
  using Clock = std::chrono::steady_clock;

  const RankProgram& program_;
  int stage_;
  Clock::time_point origin_{};
  Seconds last_mark_{};
  std::vector<Activity> activities_;
};

}  // namespace galvatron
