// Where ranks that no MPI joins find each other: the variables that torchrun sets, and that scripts
// for Slurm export.
#pragma once

#include <cstdint>
#include <string>

#include "executor/launch/rank_environment.h"

namespace galvatron {

struct StoreAddress {
  std::string host;                 // MASTER_ADDR
  std::uint16_t port = 0;           // MASTER_PORT
  bool served_by_launcher = false;  // else rank 0 serves the store
  std::string run;                  // tells apart runs that share a store, such as restarts

  bool operator==(const StoreAddress&) const = default;
};

// Throws ExecutorError (launch), naming `launcher`, where a variable is missing or makes no sense.
StoreAddress read_store_address(const std::string& launcher, const Environment& environment);

}  // namespace galvatron
