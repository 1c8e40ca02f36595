#include "executor/profile/device_work.h"

#include <chrono>
#include <thread>

#include "executor/profile/collective_trial.h"
#include "executor/profile/kernel_trials.h"
#include "executor/profile/lone_communicator.h"
#include "executor/profile/machine_facts.h"
#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("of a CPU counts what the thread works, not how long it waits") {
  const WorkTimer timer(at::kCPU);
  const Seconds waited =
      timer.time([] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); });
  CHECK(waited.value < 0.02);
  const Seconds worked = timer.time([] {
    const Seconds end = host_time() + Seconds{0.02};
    while (host_time() < end) {
    }
  });
  CHECK(worked.value >= 0.02);
}

TEST_CASE("products of a precision are of tensors of its type") {
  CHECK(tensor_type(Precision::fp32) == at::kFloat);
  CHECK(tensor_type(Precision::tf32) == at::kFloat);
  CHECK(tensor_type(Precision::bf16) == at::kBFloat16);
  CHECK(tensor_type(Precision::fp16) == at::kHalf);
}

TEST_CASE("a CPU process is one of a machine's that holds some of its memory") {
  CHECK(kind_of(at::kCPU) == DeviceKind::cpu);
  CHECK(multiprocessors(at::kCPU) == 1);
  CHECK(held_memory(at::kCPU) > Bytes{1 << 20});
  CHECK(held_memory(at::kCPU) < total_memory(at::kCPU));
}

TEST_CASE("products of all shapes are timed, in the sizes that are asked for") {
  KernelTrials trials{.limits = {.budget = {0}, .least = 2, .most = 2}};
  trials.sizes.products = {8, 16};
  const ProductTable table = time_products(trials, Precision::fp32);
  CHECK(table.m == std::vector<std::int64_t>{8, 8, 8, 8, 16, 16, 16, 16});
  CHECK(table.k == std::vector<std::int64_t>{8, 16, 8, 16, 8, 16, 8, 16});
  CHECK(covers(table.time, 8));
  CHECK(table.time.repetitions == std::vector<int>(8, 2));
}

TEST_CASE("a launch takes about as long on a CPU as on its host") {
  const LaunchTimes launch = time_launch({.limits = {.budget = {0.01}, .least = 5, .most = 20}});
  CHECK(launch.device.median > Seconds{});
  CHECK(launch.host.median <= launch.device.median * 1.5);
}

TEST_CASE("every collective can be called again and again") {
  const auto world = make_lone_communicator(2);
  for (const CollectiveKind kind :
       {CollectiveKind::all_reduce, CollectiveKind::all_gather, CollectiveKind::reduce_scatter,
        CollectiveKind::all_to_all, CollectiveKind::send}) {
    const auto call = collective_call({.kind = kind, .group = *world, .world = *world}, 4 * kKiB);
    for (int i = 0; i < 3; ++i) call().wait();
    const Timing timing = time_collective({.kind = kind, .group = *world, .world = *world},
                                          4 * kKiB, {.budget = {0}, .least = 3, .most = 3});
    CHECK(timing.repetitions == 3);
    CHECK(timing.median > Seconds{});
  }
}

}  // namespace
}  // namespace galvatron
