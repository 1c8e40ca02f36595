// When each operation of some steps ran, as a Chrome trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "executor/communication/communicator.h"
#include "executor/device/stream_clock.h"
#include "executor/run/step_runner.h"
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
// Of communication on lanes beside the computation only the work itself is shown, not who waits for
// it; without lanes a transfer's wait is where it takes its time. What stages do together begins
// when the last of them is there.
class StepProfile {
 public:
  StepProfile(const RankProgram& program, int stage, c10::Device device)
      : program_(program), stage_(stage), device_(device), clock_(device) {}

  // Before each recorded step. Times of all ranks count from the first of these moments.
  void begin(Communicator& world);
  // A StepObserver.
  void mark(std::size_t op, Edge edge);

  // Rank 0 writes the file. Collective over `world`. Throws std::system_error.
  struct File {
    std::string path;
    const Plan& plan;
    const LayerGraph& graph;
  };
  void write(const File& file, Communicator& world) const;

 private:
  struct Span {
    std::size_t op = 0;
    StreamClock::Moment begin;
    StreamClock::Moment end;
  };

  bool is_shown(const Op& op) const;
  std::vector<Activity> activities() const;

  const RankProgram& program_;
  int stage_;
  c10::Device device_;
  StreamClock clock_;
  std::optional<StreamClock::Moment> begun_;
  std::vector<Span> spans_;
};

}  // namespace galvatron
