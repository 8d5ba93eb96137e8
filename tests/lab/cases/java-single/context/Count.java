public class Count {
    public static void main(String[] arguments) {
        System.out.println(arguments.length + " arguments on " + System.getProperty("java.specification.version"));
    }
}
