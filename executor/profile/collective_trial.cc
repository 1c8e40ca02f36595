#include "executor/profile/collective_trial.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "cost_models/timing_of.h"
#include "executor/device/stream_clock.h"
#include "executor/profile/device_work.h"
#include "executor/profile/shared_text.h"
#include "executor/profile/trial_sizes.h"

namespace galvatron {
namespace {

constexpr std::int64_t kElementBytes = 4;  // fp32, as gradients are

// fp32 elements of the payload, filled up to a multiple of the group.
std::int64_t elements_of(const CollectiveTrial& trial, Bytes payload) {
  const std::int64_t size = trial.group.size();
  const std::int64_t elements = std::max<std::int64_t>(1, payload.value / kElementBytes);
  return (elements + size - 1) / size * size;
}

at::Tensor buffer(const CollectiveTrial& trial, std::int64_t elements) {
  return at::zeros({elements}, at::TensorOptions(at::kFloat).device(trial.device));
}

std::function<Request()> send_call(const CollectiveTrial& trial, std::int64_t elements) {
  Communicator& group = trial.group;
  const int peer = group.rank() ^ 1;
  const at::Tensor tensor = buffer(trial, elements);
  if (peer >= group.size()) return [] { return Request(); };
  if (group.rank() % 2 == 0)
    return [&group, tensor, peer] { return group.start_send(tensor, peer); };
  return [&group, tensor, peer] { return group.start_receive(tensor, peer); };
}

std::function<Request()> all_to_all_call(const CollectiveTrial& trial, std::int64_t elements) {
  Communicator& group = trial.group;
  const std::int64_t to_each = std::max<std::int64_t>(1, elements / (group.size() - 1));
  const at::Tensor rows = buffer(trial, to_each * group.size());
  const RowCounts counts(static_cast<std::size_t>(group.size()), to_each);
  return [&group, rows, counts] {
    group.all_to_all(rows, counts, counts);
    return Request();
  };
}

// Calls of one collective. Before each the cache is filled with something else, as the layers of a
// step fill it.
class Repetitions {
 public:
  Repetitions(const CollectiveTrial& trial, Bytes payload)
      : trial_(trial),
        call_(collective_call(trial, payload)),
        other_(buffer(trial, trial_sizes(kind_of(trial.device)).cache_elements)),
        timer_(trial.device) {}

  double one_more() {
    other_.add_(1);
    synchronize(trial_.device);
    trial_.world.barrier();
    timer_.give_head_start();
    StreamClock clock(trial_.device);
    clock.start();
    call_().wait();
    return clock.time_of(clock.now()).value;
  }

 private:
  const CollectiveTrial& trial_;
  std::function<Request()> call_;
  at::Tensor other_;
  WorkTimer timer_;
};

}  // namespace

std::function<Request()> collective_call(const CollectiveTrial& trial, Bytes payload) {
  Communicator& group = trial.group;
  const std::int64_t elements = elements_of(trial, payload);
  switch (trial.kind) {
    case CollectiveKind::all_reduce:
      return [&group, tensor = buffer(trial, elements)] {
        group.all_reduce(tensor);
        return Request();
      };
    case CollectiveKind::all_gather:
      return
          [&group, full = buffer(trial, elements), shard = buffer(trial, elements / group.size())] {
            group.all_gather_into(full, shard);
            return Request();
          };
    case CollectiveKind::reduce_scatter:
      return
          [&group, full = buffer(trial, elements), shard = buffer(trial, elements / group.size())] {
            group.reduce_scatter_into(shard, full);
            return Request();
          };
    case CollectiveKind::all_to_all:
      return all_to_all_call(trial, elements);
    case CollectiveKind::send:
    case CollectiveKind::receive:
      return send_call(trial, elements);
  }
  return {};
}

Timing time_collective(const CollectiveTrial& trial, Bytes payload,
                       const RepetitionLimits& limits) {
  Repetitions repetitions(trial, payload);
  repetitions.one_more();
  const double once = largest(trial.world, {repetitions.one_more()}, trial.device).front();
  const auto affordable = static_cast<int>(
      std::min(limits.budget.value / std::max(once, 1e-9), static_cast<double>(limits.most)));
  std::vector<double> own;
  for (int i = 0; i < std::max(limits.least, affordable); ++i) {
    own.push_back(repetitions.one_more());
  }
  std::vector<Seconds> times;
  for (const double time : largest(trial.world, own, trial.device)) times.push_back({time});
  return timing_of(std::move(times));
}

}  // namespace galvatron
