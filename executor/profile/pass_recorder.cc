#include "executor/profile/pass_recorder.h"

#include <algorithm>

#include "executor/profile/device_work.h"

namespace galvatron {

void PassRecorder::mark(std::size_t op, Edge edge) {
  const Seconds moment = device_time(subject_.device);
  if (edge == Edge::end) return add(subject_.program[op], moment - began_);
  subject_.live_bytes.reset_peak();
  held_ = subject_.live_bytes.now().total();
  began_ = device_time(subject_.device);
}

void PassRecorder::add(const Op& op, Seconds duration) {
  if (op.kind != OpKind::forward && op.kind != OpKind::backward) return;
  const auto layer = static_cast<std::size_t>(op.layer);
  RecordedPasses& passes = passes_[subject_.graph.graph[layer].type];
  const Bytes peak = subject_.live_bytes.at_peak().total() - held_;
  if (op.kind == OpKind::forward) {
    passes.forward.push_back(duration);
    passes.saved = std::max(passes.saved, subject_.live_bytes.now().total() - held_);
    passes.forward_peak = std::max(passes.forward_peak, peak);
  } else {
    passes.backward.push_back(duration);
    passes.backward_peak = std::max(passes.backward_peak, peak);
  }
}

void PassRecorder::forget_times() {
  for (auto& [type, passes] : passes_) {
    passes.forward.clear();
    passes.backward.clear();
  }
}

}  // namespace galvatron
