// What one rank's device computes, holds and takes to be told what to do.
#pragma once

#include "executor/profile/profile_hardware.h"

namespace galvatron {

// Collective over `world`: all ranks measure at the same time. The numbers are this rank's own.
// Calls `control.moved` in between.
Device measured_device(Communicator& world, const HardwareProfileRequest& request,
                       int devices_per_node, const HardwareProfileControl& control);

}  // namespace galvatron
