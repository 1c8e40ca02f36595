#include "executor/profile/device_work.h"

#include <ctime>
#include <stdexcept>

namespace galvatron {
namespace {

[[noreturn]] void refuse(const at::Device& device) {
  throw std::invalid_argument("this program is built without " + device.str());
}

}  // namespace

void finish_started_work(const at::Device& device) {
  if (!device.is_cpu()) refuse(device);
}

Seconds device_time(const at::Device& device) {
  finish_started_work(device);
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return Seconds{static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec)};
}

const char* device_name(const at::Device& device) {
  if (!device.is_cpu()) refuse(device);
  return "CPU process";
}

}  // namespace galvatron
