#include "executor/profile/shared_text.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace galvatron {
namespace {

at::Tensor on_host(const at::Tensor& tensor) { return tensor.to(at::kCPU); }

std::int64_t shared_number(Communicator& world, std::int64_t number, const at::Device& device) {
  at::Tensor value = at::zeros({1}, at::kLong);
  if (world.rank() == 0) value.mutable_data_ptr<std::int64_t>()[0] = number;
  value = value.to(device);
  world.all_reduce(value);
  return on_host(value).const_data_ptr<std::int64_t>()[0];
}

}  // namespace

std::string shared_text(Communicator& world, const std::string& text, const at::Device& device) {
  const std::int64_t length = shared_number(world, std::ssize(text), device);
  at::Tensor letters = at::zeros({length}, at::kLong);
  if (world.rank() == 0) {
    std::transform(text.begin(), text.end(), letters.mutable_data_ptr<std::int64_t>(),
                   [](char letter) { return static_cast<unsigned char>(letter); });
  }
  if (length == 0) return "";
  letters = letters.to(device);
  world.all_reduce(letters);
  letters = on_host(letters);
  std::string shared(static_cast<std::size_t>(length), ' ');
  std::transform(letters.const_data_ptr<std::int64_t>(),
                 letters.const_data_ptr<std::int64_t>() + length, shared.begin(),
                 [](std::int64_t letter) { return static_cast<char>(letter); });
  return shared;
}

std::vector<double> largest(Communicator& world, const std::vector<double>& own,
                            const at::Device& device) {
  at::Tensor values = at::empty({std::ssize(own)}, at::kDouble);
  std::copy(own.begin(), own.end(), values.mutable_data_ptr<double>());
  values = values.to(device);
  world.all_reduce(values, ReduceOp::max);
  values = on_host(values);
  const double* first = values.const_data_ptr<double>();
  return {first, first + own.size()};
}

}  // namespace galvatron
