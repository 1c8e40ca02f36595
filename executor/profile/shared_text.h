// A text of rank 0 on every rank, over any transport.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "executor/communication/communicator.h"

namespace galvatron {

// Collective over `world`; what other ranks pass does not matter.
std::string shared_text(Communicator& world, const std::string& text, const at::Device& device);

// The largest of the ranks' numbers, at each place; as many on every rank. Collective over `world`.
std::vector<double> largest(Communicator& world, const std::vector<double>& own,
                            const at::Device& device);

}  // namespace galvatron
