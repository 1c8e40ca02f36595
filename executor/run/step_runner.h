// Runs a rank program: the only place that turns operations into calls, in the program's order.
//
// One activation or gradient is in hand at a time, because a pass over the stage is contiguous in
// the program; what must outlive its pass lies with the layers (LayerPasses) or with a send under
// way. Communication runs on lanes beside the computation where the device has them; on a CPU it is
// done when it was started.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "executor/device/lanes.h"
#include "executor/parameters/adamw.h"
#include "executor/parameters/owned_pieces.h"
#include "executor/run/layer_pass.h"
#include "executor/run/loss_sum.h"
#include "planner/schedule/program.h"
#include "planner/schedule/transition.h"

namespace galvatron {

struct StepOutcome {
  double loss = 0;       // mean over the targets of the global batch
  double grad_norm = 0;  // before clipping
};

// Called with an operation's number in the program where it begins and where it ends, on the stream
// that it runs on.
enum class Edge { begin, end };
using StepObserver = std::function<void(std::size_t op, Edge edge)>;

class StepRunner {
 public:
  StepRunner(const Stage& stage, RankProgram program, const AdamW& optimizer);

  // Throws ExecutorError (not a number) on every rank, before any update, if the loss or the
  // gradient norm is not finite.
  StepOutcome run(const StepInput& input);

  const RankProgram& program() const { return program_; }
  void observe(StepObserver observer) { observer_ = std::move(observer); }

 private:
  struct Transfer {
    Request request;
    at::Tensor tensor;
    Started started;
  };

  void execute(const Op& op, const StepInput& input);
  Started start(const Op& op, const Lanes::Work& work);
  void observed(const Lanes::Work& work);
  void perform(const Op& op, const StepInput& input);
  void forward(const Op& op, const StepInput& input);
  void redistribute_tokens(const Op& op);
  void send(const Op& op);
  void receive(const Op& op);
  void reduce_norm(const StepInput& input);
  UnitBuffers& unit_of(const Op& op) { return stage_.store.unit({op.layer, op.unit}); }
  Communicator& group_of(const Op& op) { return stage_.groups.at(op.group); }
  Communicator& channel_of(const Op& op) { return stage_.groups.channel(op.group, op.direction); }

  Stage stage_;
  RankProgram program_;
  AdamW optimizer_;
  std::vector<OwnedPiece> owned_;
  Transitions transitions_;
  LayerPasses layers_;
  Lanes lanes_;
  std::map<std::tuple<OpKind, Direction, int, int>, Started> under_way_;  // by layer and unit
  at::Tensor in_hand_;
  std::array<Transfer, 2> sends_;  // by direction
  Transfer receive_;
  LossSum loss_;
  StepOutcome outcome_;
  std::size_t number_ = 0;  // of the operation under way
  StepObserver observer_ = [](std::size_t, Edge) {};
};

}  // namespace galvatron
