// Work that a device does on its own: launched by the host, finished later.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "cost_models/units.h"

namespace galvatron {

// What the device has worked for this thread, in seconds since some moment; finishes started work
// first. Of a CPU the processor time of this thread, which leaves out the turns of other processes:
// a pass is one thread's work, and a busy machine does not make it more.
Seconds device_time(const at::Device& device);

// As profiles call it: "CPU process", or the device's own name.
std::string device_name(const at::Device& device);

}  // namespace galvatron
