// The whole weights of a unit in one buffer, and the autograd leaves that look into it.
//
// Under ZeRO 3 the buffer's memory comes and goes while graphs hold on to the leaves: the storage
// object stays, only its bytes are freed and allocated again, which autograd does not count as a
// change of the tensor. Reading a leaf without its bytes would be a crash rather than an exception,
// so present() says whether they are there.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "executor/parameters/unit_layout.h"

namespace galvatron {

class FlatWeights {
 public:
  // Zeroed.
  FlatWeights(const UnitLayout& layout, const at::TensorOptions& options);

  bool present() const { return present_; }
  void drop();     // requires present()
  void restore();  // requires !present(); the contents are undefined until they are written

  at::Tensor whole() const;  // [elements]; requires present()
  // In the order of UnitLayout::places, each [shape of the tensor shard].
  const std::vector<at::Tensor>& leaves() const { return leaves_; }

 private:
  at::Tensor whole_;
  std::vector<at::Tensor> leaves_;
  bool present_ = true;
};

}  // namespace galvatron
