// The life of a process that is one rank of a training run.
#pragma once

#include <functional>

#include "cost_models/units.h"
#include "executor/communication/communicator.h"
#include "executor/device/device.h"
#include "executor/launch/rank_environment.h"
#include "executor/train/failure.h"
#include "executor/watch/whereabouts.h"

namespace galvatron {

enum class Transport { mpi, nccl };

inline constexpr NamedValues<Transport, 2> kTransportNames{
    {{Transport::mpi, "mpi"}, {Transport::nccl, "nccl"}}};

struct RankSetup {
  OutputForm form = OutputForm::text;  // of an error
  DeviceKind device = DeviceKind::cpu;
  Transport transport = Transport::mpi;  // nccl needs CUDA devices, one for each rank
  Fp32Products products = Fp32Products::fp32;
  Seconds peer_timeout{20};  // until a rank that does not answer ends the run
  Ledger* ledger = nullptr;  // of all that the rank communicates; null: none is kept
  // For the launcher's variables; by default none are read.
  Environment environment = [](const std::string&) { return std::nullopt; };
};

// What rank programs do. `here` is for TrainOptions::whereabouts.
using RankBody = std::function<void(Communicator& world, Whereabouts& here)>;

// What the main of a program returns that trains: joins the ranks that the launcher started (one,
// without it), gives each its device, runs `body` on each and reports an error on stderr, or on
// stdout as JSON. The ranks watch each other meanwhile: when one dies or stops answering, all
// others end within seconds. Does not return after an error: other ranks may wait for this one, so
// that the process ends at once.
int run_as_rank(const RankBody& body, const RankSetup& setup = {});

}  // namespace galvatron
