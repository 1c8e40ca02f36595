// Work that a device does on its own: launched by the host, finished later.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "cost_models/precision.h"
#include "cost_models/units.h"
#include "executor/device/device.h"

namespace galvatron {

// Processor time of this thread, which leaves out the turns of other processes.
Seconds host_time();

// What the device has worked for this thread, in seconds since some moment; finishes started work
// first. Of a CPU the host's time: a pass is one thread's work, and a busy machine does not make it
// more.
Seconds device_time(const at::Device& device);

// How long a device takes for what it is given.
//
// A CPU: processor time. A GPU: by its own clock, beginning behind other work that fills its caches
// and keeps it busy until the host has started everything; its memory is then as cold, and its
// queue as full, as within a step.
class WorkTimer {
 public:
  explicit WorkTimer(at::Device device);

  Seconds time(const std::function<void()>& work) const;

  // Something to do for a GPU meanwhile; nothing on a CPU.
  void give_head_start() const;

 private:
  at::Device device_;
  at::Tensor other_;
};

// As profiles call it: "CPU process", or the device's own name.
std::string device_name(const at::Device& device);

// 1 of a CPU process.
int multiprocessors(const at::Device& device);

inline DeviceKind kind_of(const at::Device& device) {
  return device.is_cpu() ? DeviceKind::cpu : DeviceKind::cuda;
}

// Of tensors whose products are in that precision. Requires one that products can be asked for in:
// all but fp8.
at::ScalarType tensor_type(Precision precision);

}  // namespace galvatron
