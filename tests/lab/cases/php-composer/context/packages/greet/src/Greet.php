<?php

namespace Lab;

final class Greet
{
    public static function to(string $name): string
    {
        return "hello $name";
    }
}
