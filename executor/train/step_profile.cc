#include "executor/train/step_profile.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <utility>

#include "executor/device/device.h"
#include "executor/train/meetings.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/placement.h"
#include "planner/schedule/channel.h"
#include "planner/schedule/trace.h"

namespace galvatron {
namespace {

constexpr std::int64_t kNumbers = 4;  // operation, stream, begin, end

at::Tensor as_tensor(const std::vector<Activity>& activities) {
  const at::Tensor tensor =
      at::empty({static_cast<std::int64_t>(activities.size()), kNumbers}, at::kDouble);
  double* out = tensor.mutable_data_ptr<double>();
  for (const Activity& activity : activities) {
    *out++ = activity.op;
    *out++ = static_cast<double>(activity.stream);
    *out++ = activity.begin.value;
    *out++ = activity.end.value;
  }
  return tensor;
}

void append(std::vector<Activity>& activities, const at::Tensor& tensor, int stage) {
  const double* in = tensor.const_data_ptr<double>();
  for (std::int64_t row = 0; row < tensor.size(0); ++row, in += kNumbers) {
    activities.push_back({.stage = stage,
                          .stream = static_cast<StreamName>(static_cast<int>(in[1])),
                          .op = static_cast<int>(in[0]),
                          .begin = {in[2]},
                          .end = {in[3]}});
  }
}

}  // namespace

void StepProfile::begin(Communicator& world) {
  world.barrier();
  synchronize(device_);
  clock_.start();
}

bool StepProfile::is_shown(const Op& op) const {
  const bool done_at_start = !is_transfer(op) || !device_.is_cpu();
  return op.kind != OpKind::free_parameters && (op.part != Part::wait || !done_at_start);
}

void StepProfile::mark(std::size_t op, Edge edge) {
  if (!is_shown(program_[op])) return;
  if (edge == Edge::begin) {
    begun_ = clock_.now();
  } else {
    spans_.push_back({.op = op, .begin = std::move(*begun_), .end = clock_.now()});
  }
}

std::vector<Activity> StepProfile::activities() const {
  std::vector<Activity> activities;
  for (const Span& span : spans_) {
    activities.push_back({.stage = stage_,
                          .stream = program_[span.op].stream,
                          .op = static_cast<int>(span.op),
                          .begin = clock_.time_of(span.begin),
                          .end = clock_.time_of(span.end)});
  }
  return activities;
}

void StepProfile::write(const File& file, Communicator& world) const {
  std::vector<Activity> timeline = activities();
  const at::Tensor counts =
      world.all_gather(at::full({1}, static_cast<std::int64_t>(timeline.size()), at::kLong));
  for (int stage = 1; stage < pipeline_degree(file.plan); ++stage) {
    const int rank = first_rank(file.plan, stage);
    if (world.rank() == rank) world.start_send(as_tensor(timeline), 0).wait();
    if (world.rank() != 0) continue;
    const std::int64_t rows = counts.const_data_ptr<std::int64_t>()[rank];
    const at::Tensor received = at::empty({rows, kNumbers}, at::kDouble);
    world.start_receive(received, rank).wait();
    append(timeline, received, stage);
  }
  if (world.rank() != 0) return;
  write_atomically(
      file.path, chrome_trace(file.plan, file.graph, without_waits(timeline, file.plan, file.graph),
                              "measured"));
}

}  // namespace galvatron
