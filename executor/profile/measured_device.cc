#include "executor/profile/measured_device.h"

#include <fmt/format.h>

#include <algorithm>

#include "cost_models/product_fit.h"
#include "executor/profile/collective_trial.h"
#include "executor/profile/device_work.h"
#include "executor/profile/kernel_trials.h"
#include "executor/profile/machine_facts.h"
#include "executor/profile/trial_sizes.h"

namespace galvatron {
namespace {

void measure_products(Device& device, const KernelTrials& trials, Precision precision,
                      const std::string& origin) {
  ProductFit fit = fit_products(time_products(trials, precision));
  fit.law.origin =
      fmt::format("{}; the law misses the table by {:.1f} % on average", origin, 100 * fit.error);
  device.peak[precision] = fit.peak;
  device.product[precision] = fit.law;
}

// Of one more group; groups of one rank do nothing but exist.
Bytes communicator_memory(Communicator& world, c10::Device device) {
  constexpr int kGroups = 4;
  const Bytes before = held_memory(device);
  std::vector<std::vector<std::unique_ptr<Communicator>>> groups;
  for (int i = 0; i < kGroups; ++i) {
    groups.push_back(world.split({{.first = 0, .size = world.size(), .stride = 1}}));
    groups.back().front()->barrier();
  }
  const Bytes after = held_memory(device);
  return {std::max<std::int64_t>(0, after.value - before.value) / kGroups};
}

// What training does per step around the rank program: ranks tell their peaks, and agree on whether
// to stop.
Seconds step_overhead(Communicator& world, const HardwareProfileRequest& request) {
  const CollectiveTrial trial{
      .kind = CollectiveKind::all_gather, .group = world, .world = world, .device = request.device};
  if (world.size() == 1) return {};
  return time_collective(trial, Bytes{8 * world.size()}, request.limits).median * 2;
}

}  // namespace

Device measured_device(Communicator& world, const HardwareProfileRequest& request,
                       int devices_per_node, const HardwareProfileControl& control) {
  const Bytes context = held_memory(request.device);
  Device device{.name = device_name(request.device), .memory = total_memory(request.device)};
  device.multiprocessors = multiprocessors(request.device);
  if (request.device.is_cpu()) device.memory.value /= devices_per_node;
  device.overhead.context = context;
  device.overhead.communicator = communicator_memory(world, request.device);
  world.barrier();
  const KernelTrials trials{.device = request.device,
                            .sizes = trial_sizes(kind_of(request.device))};
  for (const Precision precision : request.precisions) {
    measure_products(device, trials, precision, request.origin);
    if (control.moved) control.moved();
  }
  const Precision usual = request.precisions.front();
  device.attention = time_attention(trials, usual, *device.peak[usual]);
  device.attention.origin = request.origin;
  device.memory_rate = time_memory(trials);
  device.memory_efficiency = 1;
  const LaunchTimes launch = time_launch(trials);
  device.stream_launch = launch.device.median;
  device.overhead.host_per_launch = launch.host.median;
  device.overhead.host_per_step = step_overhead(world, request);
  device.overhead.origin = request.origin;
  device.origin = request.origin;
  return device;
}

}  // namespace galvatron
