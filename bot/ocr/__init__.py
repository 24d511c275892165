"""The offline engine that reads pictures, an extra of the installation: `engine.reader` hands it out behind `bot.ports.ocr`."""
