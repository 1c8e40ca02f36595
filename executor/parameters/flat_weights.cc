#include "executor/parameters/flat_weights.h"

#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/variable.h>

#include <cassert>

namespace galvatron {

FlatWeights::FlatWeights(const UnitLayout& layout, const at::TensorOptions& options)
    : whole_(at::zeros({layout.elements}, options)) {
  for (const ParameterPlace& place : layout.places) {
    const at::Tensor view =
        whole_.narrow(0, place.elements.begin, element_count(place.elements)).view(place.shape);
    // variable_data() has a version counter of its own: writing the buffer is no change of the
    // leaf.
    leaves_.push_back(view.variable_data().set_requires_grad(true));
  }
}

void FlatWeights::drop() {
  assert(present_);
  c10::StorageImpl* storage = whole_.storage().unsafeGetStorageImpl();
  storage->set_data_ptr_noswap(c10::DataPtr(nullptr, whole_.device()));
  storage->set_nbytes(0);
  present_ = false;
}

void FlatWeights::restore() {
  assert(!present_);
  const auto bytes = static_cast<std::size_t>(whole_.numel() * whole_.element_size());
  c10::StorageImpl* storage = whole_.storage().unsafeGetStorageImpl();
  storage->set_data_ptr_noswap(storage->allocator()->allocate(bytes));
  storage->set_nbytes(bytes);
  present_ = true;
}

at::Tensor FlatWeights::whole() const {
  assert(present_);
  return whole_;
}

}  // namespace galvatron
