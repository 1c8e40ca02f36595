#include "executor/profile/device_work.h"

#include <chrono>
#include <ctime>

#include "executor/device/device.h"
#include "executor/kernels/device.h"

namespace galvatron {

Seconds device_time(const at::Device& device) {
  synchronize(device);
  if (!device.is_cpu()) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(now).count()};
  }
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return Seconds{static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec)};
}

std::string device_name(const at::Device& device) {
  return device.is_cpu() ? "CPU process" : gpu_name(device);
}

}  // namespace galvatron
