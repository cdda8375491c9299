//! Layers of well-known networks, and how many numbers each arrangement of them takes.

use locality::layer;

/// A layer of a real network, square in every respect.
pub struct Layer {
    /// The name.
    pub name: &'static str,
    /// Channels of the input and of the output.
    pub channels: [usize; 2],
    /// Rows, and columns, of the image.
    pub side: usize,
    /// Rows, and columns, of the kernel.
    pub kernel: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Zeros before and after.
    pub padding: usize,
}

/// Layers whose shapes are in the papers. AlexNet's second layer is cut into two groups; this is one of them.
pub const LAYERS: [Layer; 4] = [
    Layer { name: "VGG-16 conv1_2", channels: [64, 64], side: 224, kernel: 3, stride: 1, padding: 1 },
    Layer { name: "VGG-16 conv3_2", channels: [256, 256], side: 56, kernel: 3, stride: 1, padding: 1 },
    Layer { name: "ResNet-50 conv1", channels: [3, 64], side: 224, kernel: 7, stride: 2, padding: 3 },
    Layer { name: "AlexNet conv2", channels: [48, 128], side: 27, kernel: 5, stride: 1, padding: 2 },
];

impl Layer {
    /// Outputs along one axis.
    pub fn outputs(&self) -> locality::Result<usize> {
        layer::outputs(self.side, self.kernel, self.stride, self.padding, 1)
    }

    /// Numbers in image, weights and output: what every algorithm reads and writes.
    pub fn needed(&self) -> locality::Result<usize> {
        let [from, to] = self.channels;
        let output = to * self.outputs()?.pow(2);
        Ok(from * self.side.pow(2) + from * to * self.kernel.pow(2) + output)
    }

    /// Numbers in the matrix of copied pixels.
    pub fn copies(&self) -> locality::Result<usize> {
        Ok(self.channels[0] * self.kernel.pow(2) * self.outputs()?.pow(2))
    }

    /// Numbers in the matrix of taps.
    pub fn taps(&self) -> locality::Result<usize> {
        let [from, to] = self.channels;
        Ok(to * self.outputs()?.pow(2) * from * self.side.pow(2))
    }

    /// Those of them that are not zero. A tap that lies on the padding meets no pixel and has no entry.
    pub fn nonzeros(&self) -> locality::Result<usize> {
        let on_the_image = |output: usize| {
            let place = |tap: usize| (self.stride * output + tap).checked_sub(self.padding);
            (0..self.kernel).filter(|&tap| place(tap).is_some_and(|place| place < self.side)).count()
        };
        let along_an_axis: usize = (0..self.outputs()?).map(on_the_image).sum();
        Ok(self.channels[0] * self.channels[1] * along_an_axis.pow(2))
    }
}
