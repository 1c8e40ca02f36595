// Rank 0 of a group whose other ranks do not exist: what a rank of a tensor group computes can be
// run, and measured, on one device.
//
// Collectives leave finite numbers of the right shape and move no data between ranks: an all-reduce
// is this rank's own value, a gather repeats this rank's shard, what others would send is this
// rank's own rows or nothing. Results mean nothing; times are those of a rank whose traffic is
// free.
#pragma once

#include <memory>

#include "executor/communication/communicator.h"

namespace galvatron {

std::unique_ptr<Communicator> make_lone_communicator(int ranks, at::Device device = at::kCPU);

}  // namespace galvatron
