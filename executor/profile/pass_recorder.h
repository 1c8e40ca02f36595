// Times and bytes of the layers of a step, operation by operation, as an observer of the step.
#pragma once

#include <c10/core/Device.h>

#include <map>
#include <vector>

#include "executor/memory/live_bytes.h"
#include "executor/run/step_runner.h"
#include "planner/schedule/program.h"

namespace galvatron {

// Of all layers of one type, micro-batches and steps.
struct RecordedPasses {
  std::vector<Seconds> forward;
  std::vector<Seconds> backward;
  Bytes saved;          // what lives behind a forward beside what lived before: output included
  Bytes forward_peak;   // beside what lived before
  Bytes backward_peak;  // beside what lived before
};

class PassRecorder {
 public:
  struct Subject {
    const RankProgram& program;
    const LayerGraph& graph;
    LiveBytes& live_bytes;
    at::Device device;
  };
  explicit PassRecorder(const Subject& subject) : subject_(subject) {}

  // A StepObserver.
  void mark(std::size_t op, Edge edge);

  // Times so far are those of a machine that warms up.
  void forget_times();

  // By index into LayerGraph::types.
  const std::map<int, RecordedPasses>& passes() const { return passes_; }

 private:
  void add(const Op& op, Seconds duration);

  Subject subject_;
  Seconds began_{};
  Bytes held_{};  // when it began
  std::map<int, RecordedPasses> passes_;
};

}  // namespace galvatron
