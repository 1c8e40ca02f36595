#include "executor/profile/device_work.h"

#include <ATen/ops/zeros.h>

#include <cassert>
#include <ctime>

#include "executor/device/stream_clock.h"
#include "executor/kernels/device.h"
#include "executor/profile/repetitions.h"
#include "executor/profile/trial_sizes.h"

namespace galvatron {

Seconds host_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return Seconds{static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec)};
}

Seconds device_time(const at::Device& device) {
  synchronize(device);
  if (device.is_cpu()) return host_time();
  return now();
}

WorkTimer::WorkTimer(at::Device device) : device_(device) {
  if (device.is_cpu()) return;
  other_ = at::zeros({trial_sizes(DeviceKind::cuda).cache_elements},
                     at::TensorOptions(at::kFloat).device(device));
}

void WorkTimer::give_head_start() const {
  if (other_.defined()) other_.add_(1);
}

Seconds WorkTimer::time(const std::function<void()>& work) const {
  if (device_.is_cpu()) {
    const Seconds begin = host_time();
    work();
    return host_time() - begin;
  }
  synchronize(device_);
  give_head_start();
  StreamClock clock(device_);
  clock.start();
  work();
  return clock.time_of(clock.now());
}

std::string device_name(const at::Device& device) {
  return device.is_cpu() ? "CPU process" : gpu_name(device);
}

int multiprocessors(const at::Device& device) {
  return device.is_cpu() ? 1 : gpu_multiprocessors(device);
}

at::ScalarType tensor_type(Precision precision) {
  assert(precision != Precision::fp8);
  switch (precision) {
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::fp16:
      return at::kHalf;
    case Precision::fp32:
    case Precision::tf32:
    case Precision::fp8:
      break;
  }
  return at::kFloat;
}

}  // namespace galvatron
